/**
 * The door to the mail server. One connection a mail, no pool and no retries of the library: an idle pooled connection
 * swallows a mail, and retries belong to the desk, which knows what is still worth sending.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import { withDeadline } from '../../platform/deadline.ts';
import { type MailOutcome, outcomeOf } from './faults.ts';
import type { MailOptions } from './options.ts';

/** Over everything; the library's own limits are idle limits. */
const SEND_LIMIT: Ms = seconds(60);
const CONNECT_LIMIT: Ms = seconds(20);
const VERIFY_LIMIT: Ms = seconds(30);

/** One mail, ready to be written down. Texts are clean already. */
export interface MailMessage {
  /** Without the angle brackets. The same mail sent again has the same id. */
  readonly id: string;
  /** Ids of the mails before it in its thread, oldest first. */
  readonly references: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** `Nightshift on web-1 <nightshift.web-1>` */
  readonly listId: string;
  readonly urgent: boolean;
  /** Shown by `<img src="cid:…">`. */
  readonly picture: { readonly cid: string; readonly png: Uint8Array } | null;
}

export interface Mailer {
  readonly from: string;
  readonly to: readonly string[];
  /** Never rejects; answers within a minute whatever the server does. */
  send(message: MailMessage): Promise<MailOutcome>;
  /** Connects, logs in where asked, and sends nothing. */
  verify(): Promise<MailOutcome>;
}

export interface MailerDeps {
  readonly clock: Clock;
  /** Other limits than the product's, for tests. */
  readonly limits?: { readonly send: Ms; readonly connect: Ms };
}

export function createMailer(options: MailOptions, { clock, limits }: MailerDeps): Mailer {
  const { from, to } = options;
  const sendLimit = limits?.send ?? SEND_LIMIT;

  async function within(span: Ms, work: (transport: Transport) => Promise<string>): Promise<MailOutcome> {
    let transport: Transport | undefined;
    try {
      const response = await withDeadline(clock, { what: 'the mail server', span }, async (signal) => {
        transport = await open(options, limits?.connect ?? CONNECT_LIMIT);
        signal.throwIfAborted();
        return work(transport);
      });
      return { kind: 'sent', response };
    } catch (cause) {
      return outcomeOf(cause);
    } finally {
      transport?.close();
    }
  }

  return {
    from,
    to,
    send: (message) =>
      within(sendLimit, async (transport) => {
        const { response } = await transport.sendMail(envelope(message, from, to));
        return response;
      }),
    verify: () =>
      within(limits?.send ?? VERIFY_LIMIT, async (transport) => {
        await transport.verify();
        return '';
      }),
  };
}

type Transport = Awaited<ReturnType<typeof open>>;

async function open(options: MailOptions, connectLimit: Ms) {
  const [{ createTransport }, ca] = await Promise.all([
    import('nodemailer'),
    options.caFile === null ? undefined : readFile(options.caFile, 'utf8'),
  ]);
  const { host, port, implicitTls, requireTls, auth } = options;
  return createTransport({
    host,
    port,
    secure: implicitTls,
    requireTLS: requireTls,
    connectionTimeout: connectLimit,
    greetingTimeout: connectLimit,
    socketTimeout: connectLimit,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(auth === null ? {} : { auth: { user: auth.user, pass: auth.password } }),
  });
}

function envelope(message: MailMessage, from: string, to: readonly string[]) {
  const { id, references, subject, text, html, listId, urgent, picture } = message;
  const last = references.at(-1);
  return {
    from: { name: 'Nightshift', address: from },
    to: [...to],
    subject,
    text,
    html,
    messageId: `<${id}>`,
    ...(last === undefined
      ? {}
      : { inReplyTo: `<${last}>`, references: references.map((one) => `<${one}>`) }),
    ...(urgent ? { priority: 'high' as const } : {}),
    headers: {
      'List-Id': listId,
      Precedence: 'list',
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    attachments:
      picture === null
        ? []
        : [
            {
              filename: 'chart.png',
              cid: picture.cid,
              content: Buffer.from(picture.png),
              contentType: 'image/png',
              contentDisposition: 'inline' as const,
            },
          ],
  };
}
