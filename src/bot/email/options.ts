/**
 * Where mail goes, from `SMTP_URL`, `MAIL_FROM` and `MAIL_TO`. Pure. TLS is checked always: a server whose certificate
 * is not trusted gets a CA file, never a switch that looks away.
 */

export interface MailOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps://`). */
  readonly implicitTls: boolean;
  /** STARTTLS or nothing: set where a password would cross a network in the clear. */
  readonly requireTls: boolean;
  readonly auth: { readonly user: string; readonly password: string } | null;
  /** A file with the certificates to trust (`?ca=/path`). */
  readonly caFile: string | null;
  readonly from: string;
  readonly to: readonly string[];
}

export type MailOptionsResult =
  | { readonly kind: 'options'; readonly options: MailOptions }
  | { readonly kind: 'faulty'; readonly reason: string };

export interface MailSettings {
  readonly url: string;
  readonly from: string | null;
  readonly to: string | null;
}

const ADDRESS = /^[^\s<>@,;:"]+@[^\s<>@,;:"]+$/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
const QUERIES: ReadonlySet<string> = new Set(['ca', 'tls']);

export function readMailOptions({ url, from, to }: MailSettings): MailOptionsResult {
  if (!URL.canParse(url)) return faulty('SMTP_URL is no address of the form smtp://user:password@host:587');
  const parsed = new URL(url);
  if (parsed.protocol !== 'smtp:' && parsed.protocol !== 'smtps:')
    return faulty(`SMTP_URL begins with ${parsed.protocol}//, expected smtp:// or smtps://`);
  const unknown = [...parsed.searchParams.keys()].find((name) => !QUERIES.has(name));
  if (unknown !== undefined) return faulty(`SMTP_URL has ?${unknown}, expected ca or tls`);
  const tls = parsed.searchParams.get('tls') ?? 'auto';
  if (tls !== 'auto' && tls !== 'required') return faulty(`SMTP_URL has ?tls=${tls}, expected required`);
  const recipients = addressesIn(to);
  if (recipients.length === 0) return faulty('MAIL_TO is not set: nobody would get the mail');
  const sender = from ?? `nightshift@${parsed.hostname.replaceAll(/[[\]:]/g, '')}`;
  const wrong = [sender, ...recipients].find((address) => !ADDRESS.test(address));
  if (wrong !== undefined) return faulty(`"${wrong.slice(0, 80)}" is no mail address`);
  return { kind: 'options', options: optionsOf(parsed, sender, recipients, tls === 'required') };
}

function optionsOf(url: URL, from: string, to: readonly string[], mustTls: boolean): MailOptions {
  const implicitTls = url.protocol === 'smtps:';
  const auth =
    url.username === ''
      ? null
      : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (implicitTls ? 465 : auth === null ? 25 : 587) : Number(url.port),
    implicitTls,
    requireTls: !implicitTls && (mustTls || (auth !== null && !LOOPBACK.test(url.hostname))),
    auth,
    caFile: url.searchParams.get('ca'),
    from,
    to,
  };
}

function addressesIn(list: string | null): readonly string[] {
  return (list ?? '')
    .split(/[,;\s]+/)
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

function faulty(reason: string): MailOptionsResult {
  return { kind: 'faulty', reason };
}
