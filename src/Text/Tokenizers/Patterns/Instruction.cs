namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>One step of a compiled pattern; what the fields mean depends on the opcode.</summary>
internal readonly record struct Instruction(Opcode Code, CodePointSet? Set = null, int Target = 0, int Min = 0, int Max = 0);
