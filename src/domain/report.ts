/** Reports of the past: Markdown in `data/reports`, with pictures beside it. */
import type { EpochMs } from './units.ts';

export const REPORT_KINDS = ['anomaly', 'healing', 'backup', 'resource', 'weekly'] as const;
export type ReportName = (typeof REPORT_KINDS)[number];

export interface ReportPeriod {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** A picture of a report: a file beside it. The first one also goes with the summary to chat and mail. */
export interface ReportPicture {
  readonly slug: string;
  readonly svg: string;
  /** What it shows, for who cannot see it. */
  readonly alt: string;
}

/** What a report says, before it has a place. */
export interface ReportBody {
  readonly title: string;
  /** The few lines for chat and terminal. */
  readonly summary: readonly string[];
  /**
   * The whole report. Pictures are named by `picture`, which gives the file name that one will have.
   */
  markdown(picture: (slug: string) => string): string;
  readonly pictures: readonly ReportPicture[];
  /** For programs. */
  readonly data: unknown;
}

/** One kind of report: its file name and how it is drawn. */
export interface ReportKind {
  /** `anomaly_detection_report` becomes `anomaly_detection_report_latest.md` and a dated copy. */
  readonly file: string;
  draw(period: ReportPeriod): ReportBody | Promise<ReportBody>;
}

export type ReportResult =
  | {
      readonly kind: 'written';
      readonly title: string;
      readonly summary: readonly string[];
      readonly path: string;
      readonly dated: string;
      readonly markdown: string;
      /** Goes with the summary; `null` where nothing was drawn. */
      readonly picture: ReportPicture | null;
      readonly data: unknown;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ReportDesk {
  write(kind: ReportName, period: ReportPeriod): Promise<ReportResult>;
  /** Says the summary on every chat surface that is up; the reason where it could not. */
  post(title: string, summary: readonly string[], picture: ReportPicture | null): string | null;
}
