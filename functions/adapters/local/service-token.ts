/** What a service identity gets for its secret (RFC 6749 §4.4). Throws what the protocol library throws. */
export async function serviceToken(issuer: string, id: string, secret: string): Promise<string> {
  const url = new URL(issuer);
  // Only who signs in with a secret needs it, and it takes longer to load than most commands to run.
  const oidc = await import('openid-client');
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const options = loopback ? { execute: [oidc.allowInsecureRequests] } : {};
  const config = await oidc.discovery(url, id, undefined, oidc.ClientSecretBasic(secret), options);
  return (await oidc.clientCredentialsGrant(config)).access_token;
}
