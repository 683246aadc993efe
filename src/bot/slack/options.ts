/** What the Slack thread is given: plain data. Socket Mode where an app token is given, else signed HTTP. */

export interface SlackOptions {
  /** `xoxb-…` */
  readonly botToken: string;
  /** `xapp-…` with `connections:write`; `null` = signed HTTP. */
  readonly appToken: string | null;
  /** Needed for signed HTTP only. */
  readonly signingSecret: string | null;
  /** Where cards go: `C…`. */
  readonly channel: string;
  /** `https://slack.com/api/` or another host of the same form. */
  readonly apiUrl: string;
  /** User-group ids (`S…`) that carry roles; membership is asked for at each press, kept for a minute. */
  readonly groups: readonly string[];
  /** Charts go into the cards; that needs the scope `files:write`. */
  readonly pictures: boolean;
  /** Who is called when people are needed: a user `U…`, a user group `S…`, or nobody. */
  readonly mention: string | null;
}

export const SLACK_API_URL = 'https://slack.com/api/';
