namespace XLLM.Cli.Bench.Transfer;

/// <summary>What <see cref="TransferBench"/> moves.</summary>
/// <param name="Bytes">Of a push; whole blocks of it.</param>
/// <param name="BlockBytes">Of a block in all layers, a multiple of <paramref name="Layers"/>.</param>
/// <param name="Layers">Layers of a block.</param>
/// <param name="FrameBytes">Bytes of a data frame.</param>
internal sealed record TransferBenchOptions(long Bytes, long BlockBytes, int Layers, int FrameBytes);
