/**
 * The cookies of the console at this address. Over TLS a browser takes a name with this prefix only from this very host and for all of
 * it (RFC 6265bis §4.1.3.2), so a neighbour under the same domain cannot plant one. Without TLS no browser would keep it.
 */
export const cookieName = (what: 'session' | 'sign_in', baseUrl: string): string =>
  `${baseUrl.startsWith('https:') ? '__Host-' : ''}countersign_${what}`;
