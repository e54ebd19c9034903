import { UserError } from "../../errors.ts";

/** What went wrong with a restore, told to its user. */
export class RestoreFailed extends UserError {
  override readonly name = "RestoreFailed";
}
