namespace XLLM.Engine.Interop;

/// <summary>Rotary frequencies: angle = position * frequency; cos and sin are multiplied by the scale.</summary>
internal sealed record RopeTable(float[] InverseFrequencies, float Scale);
