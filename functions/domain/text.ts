import { z } from 'zod';

/** Lower-case name of a line, environment, role or committee. */
export const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'expected lower-case letters, digits, dot, dash or underscore, at most 63')
  .meta({ examples: ['german-credit'] });

/** A short label as the pipeline's own tools write it (feature, column, segment value, tool name). */
export const Label = z.string().min(1).max(200);

/**
 * Both in time linear in the text, whoever wrote it: one character before the @ is enough to know it, the parts between two @ do
 * not overlap, and a scheme has an end.
 */
const MAIL = /[^\s@<>]@[^\s@<>]+[.\u3002]\p{L}{2,}/iu;
const LINK = /\b[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi;

/** As a reader sees it: wide forms are the same letters (NFKC), and what is not drawn does not stand between them. */
export const holdsMail = (text: string): boolean =>
  MAIL.test(text.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, ''));

/** Free text a person wrote. A bare link is not evidence (R19); an address is personal data and could never be erased. */
export const prose = (min: number, max: number) =>
  z
    .string()
    .max(max)
    .superRefine((text, ctx) => {
      if (holdsMail(text)) {
        ctx.addIssue({
          code: 'custom',
          message: 'a mail address in sealed text cannot be erased: name a role instead',
          params: { code: 'PERSONAL_DATA' },
        });
      }
      const withoutLinks = text.replace(LINK, '').trim();
      if (text.trim().length > 0 && withoutLinks.length === 0) {
        ctx.addIssue({
          code: 'custom',
          message: 'a link is not evidence: say it in words, or upload the document and give its digest',
          params: { code: 'LINK_IS_NOT_EVIDENCE' },
        });
      } else if (withoutLinks.length < min) {
        ctx.addIssue({
          code: 'custom',
          message: `say it in at least ${min} characters`,
          params: { code: 'INVALID_VALUE' },
        });
      }
    });

/** `Date.parse` reads 30 February as 2 March and 24:00 as the next day: a text that does not come back as itself is none. */
const exists = (text: string): boolean => {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
};

/** RFC 3339 UTC with milliseconds. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'expected an instant such as 2026-11-21T09:30:00.000Z')
  .refine(exists, 'no such instant')
  .brand<'Instant'>();
export type Instant = z.infer<typeof Instant>;

/** A calendar day, `2026-07-01`. */
export const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2026-07-01')
  .refine(exists, 'no such day');

const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 UTC of a day or instant. */
export const epochDay = (text: string): number => Math.floor(Date.parse(text) / MS_PER_DAY);

/** The later of two. RFC 3339 UTC in one length: the order of the texts is that of the times. */
export const laterOf = (a: Instant, b: Instant): Instant => {
  if (a > b) return a;
  return b;
};

export const instantOf = (epochMs: number): Instant => new Date(epochMs).toISOString() as Instant;
