import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createMailer, type MailMessage } from '../../../../src/bot/email/mailer.ts';
import type { MailOptions } from '../../../../src/bot/email/options.ts';
import { ms } from '../../../../src/domain/units.ts';
import { createSystemClock } from '../../../../src/platform/clock.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const MAIL: MailMessage = {
  id: 'inc-1.1@example.org',
  references: ['inc-1.0@example.org'],
  subject: 'Re: Critical: shop is down (web-1)',
  text: 'It is down.\n',
  html: '<p>It is down.</p>',
  listId: 'Nightshift on web-1 <nightshift.web-1>',
  urgent: true,
  picture: { cid: 'chart.1@example.org', png: new Uint8Array([1, 2, 3]) },
};

async function serve(over: SMTPServerOptions): Promise<{ readonly port: number; readonly got: string[] }> {
  const got: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        got.push(Buffer.concat(chunks).toString());
        done();
      });
    },
    ...over,
  });
  server.on('error', () => {
    // What the client cut off is looked at on its side.
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.server.address() as { port: number }).port, got };
}

function mailerFor(port: number, over: Partial<MailOptions> = {}) {
  const options: MailOptions = {
    host: '127.0.0.1',
    port,
    implicitTls: false,
    requireTls: false,
    auth: null,
    caFile: null,
    from: 'nightshift@example.org',
    to: ['ada@example.org', 'ben@example.org'],
    ...over,
  };
  const limits = { send: ms(1_500), connect: ms(600) };
  return createMailer(options, { clock: createSystemClock(), limits });
}

const fail = (code: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode: code });

describe('createMailer', () => {
  it('sends one mail of a thread, with its chart inline and what tells programs not to answer', async () => {
    const { port, got } = await serve({});

    expect(await mailerFor(port).send(MAIL)).toMatchObject({ kind: 'sent' });

    const [raw = ''] = got;
    for (const header of [
      'Message-ID: <inc-1.1@example.org>',
      'In-Reply-To: <inc-1.0@example.org>',
      'References: <inc-1.0@example.org>',
      'List-Id: Nightshift on web-1 <nightshift.web-1>',
      'Auto-Submitted: auto-generated',
      'Content-Id: <chart.1@example.org>',
      'Content-Disposition: inline',
      'To: ada@example.org, ben@example.org',
    ])
      expect(raw).toMatch(new RegExp(header.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'));
  });

  it.each([
    ['asks to wait', 451, 'later', 'asks to wait'],
    ['refuses', 550, 'refused', 'refuses the mail'],
  ] as const)('knows a server that %s', async (_, code, kind, words) => {
    const { port } = await serve({ onMailFrom: (_address, _session, done) => done(fail(code, 'said no')) });

    expect(await mailerFor(port).send(MAIL)).toMatchObject({ kind, reason: expect.stringContaining(words) });
  });

  it('gives up on a server that is silent, at its greeting and after the text', async () => {
    const mute = await serve({ onConnect: () => undefined });
    const deaf = await serve({ onData: (stream) => void stream.resume() });

    const outcomes = await Promise.all([mailerFor(mute.port).send(MAIL), mailerFor(deaf.port).send(MAIL)]);

    expect(outcomes.map(({ kind }) => kind)).toEqual(['later', 'later']);
  });

  it('takes a connection that breaks inside the text for unknown: it is sent again', async () => {
    const { port } = await serve({ onData: (stream) => void stream.once('data', () => stream.destroy()) });

    expect(await mailerFor(port).send(MAIL)).toMatchObject({ kind: 'later' });
  });

  it('knows that nobody listens', async () => {
    const { port } = await serve({});
    closers.splice(0).forEach((close) => {
      close();
    });

    expect(await mailerFor(port).verify()).toMatchObject({ kind: 'later' });
  });

  it('never trusts a certificate that nobody vouched for, and takes one whose CA is named', async () => {
    const { key, cert, caFile } = selfSigned();
    const tls = { disabledCommands: ['AUTH' as const], key, cert };
    const implicit = await serve({ ...tls, secure: true });
    const upgraded = await serve(tls);

    const refused = await mailerFor(implicit.port, { implicitTls: true }).send(MAIL);
    const alsoRefused = await mailerFor(upgraded.port, { requireTls: true }).verify();
    const trusted = await mailerFor(implicit.port, { implicitTls: true, caFile }).send(MAIL);

    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('not trusted') });
    expect(alsoRefused).toMatchObject({ kind: 'refused' });
    expect(trusted).toMatchObject({ kind: 'sent' });
    expect([...implicit.got, ...upgraded.got]).toHaveLength(1);
  });

  it('sends nothing in the clear where TLS is demanded', async () => {
    const { port, got } = await serve({});

    expect(await mailerFor(port, { requireTls: true }).send(MAIL)).toMatchObject({ kind: 'refused' });
    expect(got).toEqual([]);
  });

  it('says that user or password are wrong', async () => {
    const { port } = await serve({
      disabledCommands: ['STARTTLS'],
      authMethods: ['PLAIN'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(fail(535, 'no')),
    });

    expect(await mailerFor(port, { auth: { user: 'ada', password: 'hunter2' } }).verify()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('user or password'),
    });
  });
});

/** A certificate of our own for 127.0.0.1. */
function selfSigned(): { key: Buffer | string; cert: Buffer | string; caFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mailer-tls-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const openssl = '/usr/bin/openssl';
  if (!existsSync(openssl)) throw new Error('openssl is needed for this test');
  writeFileSync(keyFile, '');
  execFileSync(
    openssl,
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', keyFile, '-out', caFile, '-days', '2', '-subj', '/CN=127.0.0.1'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  );
  return {
    key: execFileSync('/bin/cat', [keyFile]),
    cert: execFileSync('/bin/cat', [caFile]),
    caFile,
  };
}
