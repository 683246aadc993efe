import { describe, expect, it } from 'vitest';
import { type MailOptions, readMailOptions } from '../../../../src/bot/email/options.ts';

const read = (url: string, to: string | null = 'ada@example.org', from: string | null = null) =>
  readMailOptions({ url, from, to });

function options(url: string, to?: string): MailOptions {
  const result = read(url, to);
  if (result.kind !== 'options') throw new Error(result.reason);
  return result.options;
}

describe('readMailOptions', () => {
  it.each([
    ['smtp://127.0.0.1:2525', { port: 2525, implicitTls: false, requireTls: false, auth: null }],
    ['smtp://relay', { port: 25, requireTls: false }],
    ['smtp://relay?tls=required', { port: 25, requireTls: true }],
    ['smtps://mail.example.org', { port: 465, implicitTls: true, requireTls: false }],
    [
      'smtp://ada%40x:p%2Fw@mail.example.org',
      { port: 587, requireTls: true, auth: { user: 'ada@x', password: 'p/w' } },
    ],
    ['smtp://ada:pw@localhost', { requireTls: false }],
    ['smtps://mail?ca=/etc/ca.pem', { caFile: '/etc/ca.pem' }],
    ['smtp://[::1]:25', { host: '::1' }],
  ])('reads %s', (url, expected) => {
    expect(options(url)).toMatchObject(expected);
  });

  it('takes several addresses', () => {
    expect(options('smtp://relay', 'ada@x.org, ben@x.org;eve@x.org').to).toEqual([
      'ada@x.org',
      'ben@x.org',
      'eve@x.org',
    ]);
  });

  it.each([
    ['no address', 'mail.example.org', 'a@b'],
    ['http://', 'http://mail', 'a@b'],
    ['MAIL_TO is not set', 'smtp://mail', null],
    ['?rejectUnauthorized', 'smtp://mail?rejectUnauthorized=false', 'a@b'],
    ['"a@b>"', 'smtp://mail', 'a@b>'],
    ['"nobody"', 'smtp://mail', 'nobody'],
    ['?tls=off', 'smtp://mail?tls=off', 'a@b'],
  ])('says what is wrong: %s', (words, url, to) => {
    expect(read(url, to)).toMatchObject({ kind: 'faulty', reason: expect.stringContaining(words) });
  });
});
