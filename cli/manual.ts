// The pages of docs/cli: one per command, from the same tree that parses what people type.
import type { Command, Option } from 'commander';
import { exampleOf, exitsOf } from './help.ts';

export type Page = { readonly file: string; readonly text: string };

const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly [string, string], rows: readonly (readonly [string, string])[]): string =>
  [`| ${head.join(' | ')} |`, '| --- | --- |', ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join('\n');

const sentence = (command: Command): string => {
  const text = command.description();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};

const fileOf = (path: string): string => `${path.replaceAll(' ', '-')}.md`;

/** Every command with the words that lead to it, `policy try`. */
export function commandsOf(app: Command, before = ''): { readonly path: string; readonly command: Command }[] {
  return app.commands.flatMap((command) => {
    const path = `${before}${command.name()}`;
    return [{ path, command }, ...commandsOf(command, `${path} `)];
  });
}

function optionRow(option: Option): readonly [string, string] {
  const value: unknown = option.defaultValue;
  const several = Array.isArray(value);
  const notes = [
    option.mandatory ? 'must be given' : '',
    value === undefined || several ? '' : `${option.defaultValueDescription ?? `\`${String(value)}\``} without it`,
    option.argChoices ? `one of ${option.argChoices.join(', ')}` : '',
  ].filter(Boolean);
  return [`\`${option.flags}\``, [option.description, ...notes].filter(Boolean).join('; ')];
}

function pageOf(path: string, command: Command): string {
  const help = command.createHelp();
  const name = `countersign ${path}`;
  const below = command.commands.map(
    (one) => [`[${path} ${one.name()}](${fileOf(`${path} ${one.name()}`)})`, one.description()] as const,
  );
  const options = help.visibleOptions(command).map(optionRow);
  const exits = Object.entries(exitsOf(path)).map(([code, what]) => [`\`${code}\``, what] as const);
  const sections = [
    `# ${name}`,
    sentence(command),
    `\`\`\`\n${help.commandUsage(command)}\n\`\`\``,
    ...(below.length > 0 ? ['## Commands', table(['command', 'what'], below)] : []),
    '## Options',
    table(['option', 'what'], options),
    '## Exit codes',
    table(['code', 'when'], exits),
    '## Example',
    `\`\`\`\n${exampleOf(path)}\n\`\`\``,
    '[All commands](README.md). This page is generated: `npx node docs/cli.ts`.',
  ];
  return `${sections.join('\n\n')}\n`;
}

const INDEX = `Results go to standard output, notes and progress to standard error. Colour is used on a terminal only, and never where
NO_COLOR (no-color.org) is set. Commands that talk to a server take \`COUNTERSIGN_SERVER\`, and \`COUNTERSIGN_TOKEN\` or \`COUNTERSIGN_CLIENT_ID\` with
\`COUNTERSIGN_CLIENT_SECRET\`, from the environment.

Exit codes are 0 yes or done, 1 wrong use or a bug, 2 refused, denied or does not verify, 3 cannot tell (treat as refused), 4 sign-in
needed. Completion: \`source <(countersign completion bash)\`, and likewise for zsh; for fish write it to its \`completions\` folder.`;

export function manualOf(app: Command): Page[] {
  const all = commandsOf(app);
  const rows = all.map(({ path, command }) => [`[countersign ${path}](${fileOf(path)})`, command.description()] as const);
  const index = ['# Commands', sentence(app), INDEX, table(['command', 'what'], rows)].join('\n\n');
  const tail = 'These pages are generated: `npx node docs/cli.ts`.';
  const pages = all.map(({ path, command }) => ({ file: fileOf(path), text: pageOf(path, command) }));
  return [{ file: 'README.md', text: `${index}\n\n${tail}\n` }, ...pages];
}
