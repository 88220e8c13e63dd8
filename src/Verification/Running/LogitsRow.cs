namespace XLLM.Verification.Running;

/// <summary>Receives the logits after the token at <paramref name="position"/> of a sequence.</summary>
public delegate void LogitsRow(int position, ReadOnlySpan<float> logits);
