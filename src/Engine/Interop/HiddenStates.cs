namespace XLLM.Engine.Interop;

/// <summary>Where a program's hidden states are: a buffer of token rows, and the norm they go through.</summary>
/// <param name="Buffer">Index of the buffer.</param>
/// <param name="Norm">Index of the norm's weight.</param>
/// <param name="Epsilon">Of the norm.</param>
/// <param name="Width">Values of a state.</param>
internal sealed record HiddenStates(int Buffer, int Norm, float Epsilon, int Width);
