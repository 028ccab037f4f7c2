import { z } from 'zod';

/** Where the store itself takes an object, for some minutes, and the headers that must come with it. */
export const Offer = z.strictObject({ url: z.url(), headers: z.record(z.string(), z.string()) });
export type Offer = z.infer<typeof Offer>;
