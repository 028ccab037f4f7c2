import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * One ESM file per function with everything in it, the AWS SDK too: the one of the runtime is newer or older than what was tested.
 * The traps are those of cli/bundle.ts.
 */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  minify: true,
  sourceMap: false,
  bundleAwsSDK: true,
  logLevel: LogLevel.WARNING,
  // One package is published in two forms, and the older one loads its parts by names that a bundler cannot see.
  mainFields: ['module', 'main'],
  // Another is CommonJS inside and asks for modules of Node.
  banner: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
};

/** Folders that the code finds beside itself, copied as they are. */
export const withFolders = (folders: Readonly<Record<string, string>>): BundlingOptions => ({
  ...BUNDLING,
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_, output) => Object.entries(folders).map(([name, from]) => `cp -R "${from}" "${output}/${name}"`),
  },
});
