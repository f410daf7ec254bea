import { AppError, type FailureCode, failures } from '../../errors.ts';

/** Why a job failed, as RFC 9457 has it, without the correlation id of whoever asks. */
export interface JobProblem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: FailureCode;
  [detail: string]: unknown;
}

export function toJobProblem(error: AppError): JobProblem {
  const { type, status, code, message: detail, details } = error;
  return { ...details, type, title: failures[code].title, status, detail, code };
}

/** The failure again, to be answered with its own status. */
export function fromJobProblem({ type: _, title: __, status: ___, detail, code, ...details }: JobProblem) {
  return new AppError(code, detail, { details });
}
