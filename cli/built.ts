/** Whether this program runs from its bundle; the bundler puts the other answer here (bundle.ts). */
export const BUILT = false;
