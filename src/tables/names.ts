/**
 * Names by which a cluster's owner, and the local trial, recognize the production deployment.
 *
 * @module
 */

/** Name of the data guard's ValidatingAdmissionPolicy and of its binding. */
export const DATA_GUARD = "openclaw-data-guard";

/** Label of everything that a trial creates. */
export const TRIAL_LABEL = "openclaw-pack/trial";

/** Name of the Argo CD Application. */
export const APPLICATION = "openclaw";
