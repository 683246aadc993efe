/** Mail through a real server (OpenSMTPD) on loopback: threads and charts are looked for in the delivered files. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createMailer } from '../../src/bot/email/mailer.ts';
import { readMailOptions } from '../../src/bot/email/options.ts';
import { incidentMail, incidentSubject } from '../../src/bot/email/render.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { card, eventually, hugeCard } from '../support/chat.ts';

const SMTPD = '/usr/sbin/smtpd';
const NOBODY = 65_534;
const why = !existsSync(SMTPD)
  ? 'opensmtpd is not installed'
  : process.getuid?.() === 0
    ? ''
    : 'only root may run opensmtpd';
const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

async function startServer(): Promise<{ readonly port: number; delivered(): readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mail-delivery-'));
  chmodSync(folder, 0o755);
  const [port, maildir] = [await freePort(), join(folder, 'Maildir')];
  mkdirSync(maildir);
  chownSync(maildir, NOBODY, NOBODY);
  writeFileSync(
    join(folder, 'smtpd.conf'),
    [
      'table people { "@" = "nobody" }',
      `listen on 127.0.0.1 port ${port}`,
      `action "in" maildir "${maildir}" virtual <people>`,
      'match from any for domain "example.org" action "in"',
      '',
    ].join('\n'),
  );
  const server: ChildProcess = spawn(SMTPD, ['-d', '-f', join(folder, 'smtpd.conf')], { stdio: 'ignore' });
  ended.push(() => {
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(() => isOpen(port), 15_000);
  const fresh = join(maildir, 'new');
  return {
    port,
    delivered: () =>
      existsSync(fresh) ? readdirSync(fresh).map((file) => readFileSync(join(fresh, file), 'utf8')) : [],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

let open = false;
function isOpen(port: number): boolean {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => {
    open = true;
    socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  return open;
}

const header = (raw: string, name: string): string =>
  new RegExp(`^${name}: ?((?:.*\\n[ \\t]+)*.*)$`, 'im').exec(raw)?.[1]?.replaceAll(/\s+/g, ' ').trim() ?? '';

describe.skipIf(why !== '')(`mail through a real server${why === '' ? '' : ` (${why})`}`, () => {
  it('arrives as one thread a reader can follow, with its chart, and with hostile text inert', async () => {
    const { port, delivered } = await startServer();
    const read = readMailOptions({
      url: `smtp://127.0.0.1:${port}`,
      from: 'bot@example.org',
      to: 'ada@example.org',
    });
    if (read.kind !== 'options') throw new Error(read.reason);
    const mailer = createMailer(read.options, { clock: createSystemClock() });
    const subject = incidentSubject(card(), 'web-1');

    for (const [index, shown] of [card(), hugeCard()].entries()) {
      const cid = `chart.inc-7f3a.${index}@example.org`;
      const outcome = await mailer.send({
        ...incidentMail({
          card: shown,
          lines: [],
          timezone: 'UTC',
          host: 'web-1',
          because: 'No chat.',
          chart: { cid, alt: 'cpu' },
        }),
        id: `inc-7f3a.${index}@example.org`,
        references: index === 0 ? [] : ['inc-7f3a.0@example.org'],
        subject: index === 0 ? subject : `Re: ${subject}`,
        listId: 'Nightshift on web-1 <nightshift.web-1>',
        urgent: true,
        picture: { cid, png: new Uint8Array([137, 80, 78, 71]) },
      });
      expect(outcome).toMatchObject({ kind: 'sent' });
    }
    await eventually(() => delivered().length === 2, 15_000);

    const byId = new Map(delivered().map((raw) => [header(raw, 'Message-ID'), raw]));
    const [root = '', reply = ''] = ['<inc-7f3a.0@example.org>', '<inc-7f3a.1@example.org>'].map((id) =>
      byId.get(id),
    );
    expect(header(root, 'In-Reply-To')).toBe('');
    expect(header(reply, 'In-Reply-To')).toBe('<inc-7f3a.0@example.org>');
    expect(header(reply, 'References')).toBe('<inc-7f3a.0@example.org>');
    expect(header(reply, 'Subject')).toBe(`Re: ${header(root, 'Subject')}`);
    expect(header(root, 'List-Id')).toBe('Nightshift on web-1 <nightshift.web-1>');
    expect(header(root, 'Auto-Submitted')).toBe('auto-generated');
    expect(root).toMatch(/Content-Id: <chart\.inc-7f3a\.0@example\.org>/i);
    for (const hostile of ['\u001b', '\u202e', '<@U1>', 'https://evil']) expect(reply).not.toContain(hostile);
  }, 60_000);
});
