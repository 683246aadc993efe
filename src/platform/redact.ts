/**
 * Secrets out of every text before any sink.
 *
 * First the configured values themselves, also as base64 and in a URL, then the shapes of well-known tokens. Every
 * pattern is bounded: hostile text costs time in proportion to its length.
 */
import { toUSVString } from 'node:util';

export type Redact = (text: string) => string;

const MASK = '[redacted]';
/** Shorter values stand in ordinary words; masking them would tell more than it hides. */
const SHORTEST_SECRET = 6;
/** A line of a key file that is worth masking on its own. */
const LONG_LINE = 12;

const SHAPES: readonly { readonly pattern: RegExp; readonly mask: string }[] = [
  {
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----|$)/g,
    mask: MASK,
  },
  { pattern: /\bxox[a-z]-[\w-]{6,}/gi, mask: MASK },
  { pattern: /\bxapp-[\w-]{6,}/gi, mask: MASK },
  { pattern: /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/gi, mask: `$1${MASK}` },
  { pattern: /(\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]{20,}/gi, mask: `$1${MASK}` },
  { pattern: /(?<![\w-])[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,60}/g, mask: MASK },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, mask: MASK },
  { pattern: /\bgh[pousr]_[A-Za-z0-9]{30,}/g, mask: MASK },
  { pattern: /\bgithub_pat_\w{20,}/g, mask: MASK },
  { pattern: /(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{8,2000}(?:\.[\w-]{0,2000})?/g, mask: MASK },
  { pattern: /\b(Bearer\s{1,4})[\w.~+/-]{8,}={0,2}/gi, mask: `$1${MASK}` },
  {
    pattern: /(authorization["']?\s{0,2}[:=]\s{0,2}["']?(?:Basic|Bot|Token)\s{1,4})[\w.~+/=-]{6,}/gi,
    mask: `$1${MASK}`,
  },
  { pattern: /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@"'<>]{0,200}:[^\s@/"'<>]{1,200}@/gi, mask: `$1${MASK}@` },
  {
    pattern:
      /\b(pass(?:word|wd)?|secret|token|api[_-]?key|access[_-]?key)(["']?=["']?|["']\s{0,2}:\s{0,2}["'])[^\s"',;&]{4,}/gi,
    mask: `$1$2${MASK}`,
  },
];

/**
 * @example
 * const redact = createRedactor([config.token]);
 * redact('Authorization: Bearer abcdefgh') // 'Authorization: Bearer [redacted]'
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secretForms(secrets);
  return (text) => {
    let clean = text;
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, MASK);
    for (const { pattern, mask } of SHAPES) clean = clean.replace(pattern, mask);
    return clean;
  };
}

/** Every way a secret can be written, the longest first, so that one inside another does not leave a rest. */
function secretForms(secrets: readonly string[]): readonly string[] {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const lines = long.flatMap((secret) => secret.split('\n')).filter((line) => line.length >= LONG_LINE);
  const forms = long.flatMap(formsOf).filter((form) => form.length >= SHORTEST_SECRET);
  return [...new Set([...forms, ...lines])].sort((a, b) => b.length - a.length);
}

function formsOf(secret: string): readonly string[] {
  const encoded = encodeURIComponent(toUSVString(secret));
  const shifted = [0, 1, 2].map((shift) => base64Inside(secret, shift));
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    Buffer.from(secret).toString('hex'),
    ...shifted,
    ...shifted.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** The part of the base64 of any longer text that only the secret decides, when it starts `shift` bytes in. */
function base64Inside(secret: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  const whole = bytes.toString('base64').replaceAll('=', '');
  return whole.slice(Math.ceil((shift * 4) / 3), Math.floor((bytes.length * 4) / 3));
}
