namespace XLLM.Engine.Models;

/// <summary>A weight of a program being recorded.</summary>
internal readonly record struct WeightRef(int Index);
