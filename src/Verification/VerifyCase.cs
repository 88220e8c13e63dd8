namespace XLLM.Verification;

/// <summary>
/// Result of one comparison with reference data. <c>Error</c> is the largest absolute error, in the unit the verifier states
/// (logits, KL divergence, unequal lines); <c>Detail</c> says what differed, or adds to a pass.
/// </summary>
public sealed record VerifyCase(string Name, bool Passed, double Error, string Detail = "");
