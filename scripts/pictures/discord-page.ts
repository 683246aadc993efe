/**
 * A Discord message as a page that looks like Discord's own, from the very JSON that is sent: embed, fields (three
 * beside one another on a screen, one below the other on a phone), picture, buttons.
 */
import type { DiscordMessage } from '../../src/bot/discord/render.ts';
import { escapeHtml } from '../../src/bot/email/text.ts';
import { type Look, sheet } from './sheet.ts';

const LOOKS = {
  light: {
    page: '#ffffff',
    ink: '#2e3338',
    soft: '#5c5e66',
    card: '#f2f3f5',
    line: '#e3e5e8',
    grey: '#e3e5e8',
    link: '#006ce7',
    code: '#e9eaed',
  },
  dark: {
    page: '#313338',
    ink: '#dbdee1',
    soft: '#b5bac1',
    card: '#2b2d31',
    line: '#1e1f22',
    grey: '#4e5058',
    link: '#00a8fc',
    code: '#1e1f22',
  },
};
const BUTTONS: Readonly<Record<number, string>> = { 1: '#5865f2', 3: '#248046', 4: '#da373c' };

type Time = (style: string, epochSeconds: number) => string;

export function discordPage(message: DiscordMessage, look: Look, time: Time): string {
  const colours = LOOKS[look.tone];
  const css = `
    body{background:${colours.page};color:${colours.ink};font-size:15px;line-height:1.4}
    .message{display:flex;gap:14px;padding:12px 16px}
    .face{flex:none;width:40px;height:40px;border-radius:50%;background:#2b2f5c;color:#fff;display:grid;place-items:center;font-weight:600}
    .who b{font-weight:600}.who span{color:${colours.soft};font-size:12px;margin-left:6px}
    .who em{font:600 10px Inter;background:#5865f2;color:#fff;padding:2px 4px;border-radius:3px;margin-left:5px;vertical-align:2px}
    .main{flex:1;min-width:0}
    .embed{background:${colours.card};border-left:4px solid;border-radius:4px;padding:10px 14px 14px;margin-top:4px;max-width:${look.phone ? 340 : 516}px}
    .embed h2{font:600 15px/1.35 Inter;margin:2px 0 6px}.embed .text{white-space:pre-wrap;overflow-wrap:anywhere;font-size:14px}
    .fields{display:grid;grid-template-columns:repeat(${look.phone ? 1 : 12},1fr);gap:8px;margin-top:8px;font-size:14px}
    .fields dt{font-weight:600;font-size:14px}.fields dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
    .embed img{width:100%;border-radius:4px;display:block;margin-top:12px}.foot{font-size:12px;color:${colours.soft};margin-top:8px}
    .row{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}
    button{font:600 14px Inter;height:${look.phone ? 40 : 32}px;padding:0 16px;border:0;border-radius:8px;color:#fff}
    a{color:${colours.link};text-decoration:none}.call{color:${colours.link};background:#5865f233;border-radius:3px;padding:0 2px}
    pre{font:13px/1.4 'DejaVu Sans Mono',monospace;background:${colours.code};border:1px solid ${colours.line};border-radius:4px;padding:7px;margin:6px 0;white-space:pre-wrap}
    time{background:${colours.grey};border-radius:3px;padding:0 2px}`;
  const name = `<div class="who"><b>Nightshift</b><em>APP</em><span>${look.clock}</span></div>`;
  const content = message.content === '' ? '' : `<div class="text">${markdown(message.content, time)}</div>`;
  const embeds = message.embeds.map((embed) => {
    const image = embed.image === undefined || look.chart === null ? '' : `<img src="${look.chart}" alt="">`;
    const foot = embed.footer === undefined ? '' : `<div class="foot">${escapeHtml(embed.footer.text)}</div>`;
    return `<div class="embed" style="border-color:#${embed.color.toString(16).padStart(6, '0')}"><h2>${markdown(embed.title, time)}</h2><div class="text">${markdown(embed.description, time)}</div>${fieldsOf(embed.fields, look, time)}${image}${foot}</div>`;
  });
  const rows = message.components.map(
    ({ components }) =>
      `<div class="row">${components.map(({ label, style }) => `<button style="background:${BUTTONS[style] ?? colours.grey};${style === 2 ? `color:${colours.ink}` : ''}">${escapeHtml(label)}</button>`).join('')}</div>`,
  );
  return sheet(
    look,
    css,
    `<div class="message"><div class="face">N</div><div class="main">${name}${content}${embeds.join('')}${rows.join('')}</div></div>`,
  );
}

/** As Discord lays them out: up to three inline ones share a row; another one has the row for itself. */
function fieldsOf(fields: DiscordMessage['embeds'][number]['fields'], { phone }: Look, time: Time): string {
  const rows: (typeof fields)[number][][] = [];
  for (const field of fields) {
    const last = rows.at(-1);
    if (field.inline && last?.[0]?.inline === true && last.length < 3) last.push(field);
    else rows.push([field]);
  }
  const cells = rows.flatMap((row) =>
    row.map(({ name, value }) => {
      const span = phone ? 1 : 12 / (row[0]?.inline === true ? Math.max(row.length, 2) : 1);
      return `<div style="grid-column:span ${span}"><dt>${markdown(name, time)}</dt><dd>${markdown(value, time)}</dd></div>`;
    }),
  );
  return fields.length === 0 ? '' : `<dl class="fields" style="margin-bottom:0">${cells.join('')}</dl>`;
}

/** Discord's markdown, as far as it is used: escapes, code blocks, links, mentions, times. */
function markdown(text: string, time: Time): string {
  return text
    .split(/(```\n[\s\S]*?\n```)/)
    .map((part) =>
      part.startsWith('```') ? `<pre>${escapeHtml(part.slice(4, -4))}</pre>` : spans(part, time),
    )
    .join('')
    .replaceAll(/\n?(<pre>|<\/pre>)\n?/g, '$1');
}

function spans(text: string, time: Time): string {
  return escapeHtml(text)
    .replaceAll(
      /&lt;t:(\d+):([tTR])&gt;/g,
      (_, at: string, style: string) => `<time>${time(style, Number(at))}</time>`,
    )
    .replaceAll(/&lt;@&amp;\d+&gt;/g, '<span class="call">@oncall</span>')
    .replaceAll(/\[([^\]]+)\]\((https?:[^)]+)\)/g, '<a href="$2">$1</a>')
    .replaceAll(/\\([^\w\s])/g, '$1');
}
