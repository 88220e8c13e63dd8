namespace XLLM.Compat.Tests.Wire;

public sealed class Unmarked;
