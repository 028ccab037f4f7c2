/** Beside `manifest.json`: what a built policy pack consists of. */
export const PACK_FILES = ['capabilities.json', 'data.json', 'policy.wasm', 'rulebook.json', 'sources.json'] as const;
