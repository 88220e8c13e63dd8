namespace XLLM.Cli.Bench.Points;

/// <summary>What a stream has in a step: <c>Count</c> tokens from position <c>At</c>; logits of the last when <c>Wanted</c>.</summary>
internal readonly record struct MixedPart(int Stream, int Count, int At, bool Wanted);
