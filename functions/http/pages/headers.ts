const COMMON = {
  'content-type': 'text/html; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * Pages run one script and one style sheet of ours and show one frame of ours. `form-action` also holds for where a form's
 * answer redirects to, so signing out at a provider elsewhere needs its origin here.
 */
function pageCsp(providerOrigin?: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    `form-action 'self'${providerOrigin ? ` ${providerOrigin}` : ''}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with our own forms. */
export const pageHeaders = (providerOrigin?: string): Record<string, string> => ({
  ...COMMON,
  'content-security-policy': pageCsp(providerOrigin),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
});

/**
 * For the stored bytes of a screen. The style's hash is read from the bytes themselves: a screen of an older renderer keeps
 * its own style for ever. Only a hash is taken over, so the bytes cannot widen what they may do. No opener policy here: HTML
 * makes a network error of a sandboxed page with one, and the screen could not be opened alone.
 */
export function screenHeaders(screen: Uint8Array): Record<string, string> {
  const head = new TextDecoder().decode(screen.subarray(0, 4096));
  const style = /style-src ('sha256-[A-Za-z0-9+/]{43}=')/.exec(head)?.[1] ?? "'none'";
  return {
    ...COMMON,
    'content-security-policy': [
      "default-src 'none'",
      `style-src ${style}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      'sandbox',
    ].join('; '),
    'referrer-policy': 'no-referrer',
  };
}
