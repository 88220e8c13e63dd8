namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Layers of a block that are to be sent.</summary>
internal readonly record struct KvPart(int Block, int FirstLayer, int Layers);
