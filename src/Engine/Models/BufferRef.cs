namespace XLLM.Engine.Models;

/// <summary>A buffer of a program being recorded.</summary>
internal readonly record struct BufferRef(int Index, int Width);
