namespace XLLM.Engine.Models;

/// <summary>How far loading is: bytes of the file done, of all, and the tensor that comes next.</summary>
public readonly record struct LoadProgress(long Bytes, long TotalBytes, string Tensor);
