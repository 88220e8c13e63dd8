using XLLM.Engine.Interop;

namespace XLLM.Engine.Models;

/// <summary>A tensor that a program needs, by its Hugging Face name; a vector has one row.</summary>
internal sealed record WeightRequest(string Name, WeightUsage Usage, int Rows, int Columns);
