import { UserError } from "../../errors.ts";

/** Thrown if a trial cannot go on; the message is for its user. */
export class TrialFailed extends UserError {
  override readonly name = "TrialFailed";
}
