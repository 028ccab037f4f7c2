/** ln Γ(k/2), by Γ(x + 1) = xΓ(x) from Γ(1/2) = √π or Γ(1) = 1: exact for half-integers, so no approximation is chosen. */
function logGammaHalf(k: number): number {
  let log = k % 2 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let x = k % 2 === 0 ? 1 : 0.5; x < k / 2; x++) log += Math.log(x);
  return log;
}

/** P(χ² ≤ x) and its density, by the series of the lower incomplete gamma function (DLMF 8.11.4). */
function chiSquare(x: number, df: number, logGamma: number): { below: number; density: number } {
  const a = df / 2;
  const h = x / 2;
  const front = Math.exp(a * Math.log(h) - h - logGamma);
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= h / (a + n);
    sum += term;
  }
  return { below: front * sum, density: front / x };
}

/** The 99 % point of chi-square: the cube-root approximation of Wilson and Hilferty (1931), then Newton steps. */
export function chiSquare99(df: number): number {
  if (df < 1) return 0; // one bin cannot move
  const z = 2.3263478740408408; // 99 % point of the normal distribution
  const spread = 2 / (9 * df);
  const logGamma = logGammaHalf(df);
  let x = df * (1 - spread + z * Math.sqrt(spread)) ** 3;
  for (let step = 0; step < 8; step++) {
    const { below, density } = chiSquare(x, df, logGamma);
    x -= (below - 0.99) / density;
  }
  return x;
}
