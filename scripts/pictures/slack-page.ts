/**
 * A Slack message as a page that looks like Slack's own, from the very JSON that is sent. Only what our cards use is
 * drawn; anything else is an error, so that a picture never shows less than a person would see.
 */

import { escapeHtml } from '../../src/bot/email/text.ts';
import type { SlackBlock, SlackMessage } from '../../src/bot/slack/render.ts';
import { type Look, sheet } from './sheet.ts';

const LOOKS = {
  light: {
    page: '#ffffff',
    ink: '#1d1c1d',
    soft: '#616061',
    line: '#dddddd',
    button: '#ffffff',
    link: '#1264a3',
    code: '#f8f8f8',
    call: '#fdf4d6',
  },
  dark: {
    page: '#1a1d21',
    ink: '#d1d2d3',
    soft: '#ababad',
    line: '#3d4146',
    button: '#1a1d21',
    link: '#1d9bd1',
    code: '#222529',
    call: '#43391a',
  },
};

export function slackPage(
  message: SlackMessage,
  look: Look,
  time: (format: string, epochSeconds: number) => string,
): string {
  const colours = LOOKS[look.tone];
  const attachments = message.attachments.map(
    ({ color, blocks }) =>
      `<div class="attachment"><i style="background:${color}"></i><div>${blocks.map((block) => drawn(block, look, time)).join('')}</div></div>`,
  );
  const css = `
    body{background:${colours.page};color:${colours.ink};font-size:15px;line-height:1.46}
    .message{display:flex;gap:8px;padding:12px 16px}
    .face{flex:none;width:36px;height:36px;border-radius:8px;background:#2b2f5c;color:#fff;display:grid;place-items:center;font-weight:600}
    .who b{font-weight:600}.who span{color:${colours.soft};font-size:12px;margin-left:6px}
    .who em{font:600 10px Inter;background:${colours.line};color:${colours.soft};padding:1px 4px;border-radius:2px;margin-left:5px;vertical-align:2px}
    .main{flex:1;min-width:0}.section{margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere}
    .attachment{display:flex;gap:10px;margin-top:6px}.attachment i{flex:none;width:4px;border-radius:8px}
    .attachment>div{flex:1;min-width:0;max-width:520px}
    .context{color:${colours.soft};font-size:12px;display:flex;flex-wrap:wrap;gap:2px 10px;margin:6px 0}
    .actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
    button{font:600 14px Inter;padding:0 14px;height:${look.phone ? 40 : 32}px;border-radius:8px;border:1px solid ${colours.line};background:${colours.button};color:${colours.ink}}
    button.primary{background:#007a5a;border-color:#007a5a;color:#fff}button.danger{background:#e01e5a;border-color:#e01e5a;color:#fff}
    a{color:${colours.link};text-decoration:none}.call{background:${colours.call};color:${colours.link};border-radius:3px;padding:0 2px}
    pre{font:12px/1.5 'DejaVu Sans Mono',monospace;background:${colours.code};border:1px solid ${colours.line};border-radius:4px;padding:8px;margin:4px 0;white-space:pre-wrap}
    img{width:100%;max-width:${look.phone ? 360 : 480}px;border-radius:8px;display:block;margin:6px 0}`;
  const name = `<div class="who"><b>Nightshift</b><em>APP</em><span>${look.clock}</span></div>`;
  const body = message.blocks.map((block) => drawn(block, look, time)).join('');
  return sheet(
    look,
    css,
    `<div class="message"><div class="face">N</div><div class="main">${name}${body}${attachments.join('')}</div></div>`,
  );
}

function drawn(
  block: SlackBlock,
  look: Look,
  time: (format: string, epochSeconds: number) => string,
): string {
  switch (block.type) {
    case 'section':
      return `<div class="section">${mrkdwn(block.text.text, time)}</div>`;
    case 'context':
      return `<div class="context">${block.elements.map(({ text }) => `<span>${mrkdwn(text, time)}</span>`).join('')}</div>`;
    case 'image':
      return look.chart === null ? '' : `<img src="${look.chart}" alt="">`;
    case 'actions':
      return `<div class="actions">${block.elements.map(({ style = '', text }) => `<button class="${style}">${escapeHtml(text.text)}</button>`).join('')}</div>`;
  }
}

/** Slack's mrkdwn, as far as it is used: bold, code blocks, links, mentions, dates. Its text is escaped already. */
function mrkdwn(text: string, time: (format: string, epochSeconds: number) => string): string {
  return text
    .replaceAll(/```([\s\S]*?)```/g, (_, code: string) => `<pre>${code}</pre>`)
    .replaceAll(/<!date\^(\d+)\^([^|^]+)\|[^>]*>/g, (_, at: string, format: string) =>
      time(format, Number(at)),
    )
    .replaceAll(/<!subteam\^[^>]*>/g, '<span class="call">@oncall</span>')
    .replaceAll(/<@[^>]*>/g, '<span class="call">@ada</span>')
    .replaceAll(
      /<(https?:[^|>]+)\|([^>]*)>/g,
      (_, url: string, label: string) => `<a href="${url}">${label}</a>`,
    )
    .replaceAll(/(^|\s)\*([^*\n]+)\*(?=\s|$)/gm, '$1<b>$2</b>');
}
