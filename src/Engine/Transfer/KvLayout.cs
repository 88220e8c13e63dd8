namespace XLLM.Engine.Transfer;

/// <summary>Shape of an engine's KV blocks. Only blocks of equal layouts may be exchanged.</summary>
/// <param name="Fingerprint">Of the weights, the element type and the shape; see <see cref="Contracts.Kv.KvEndpoint.Layout"/>.</param>
/// <param name="BlockTokens">Tokens a block holds.</param>
/// <param name="BlockBytes">Bytes of a block in all layers, at least <c>Layers * LayerBytes</c>.</param>
/// <param name="Layers">Layers, one after the other in a block.</param>
/// <param name="LayerBytes">Bytes of K and V of one layer in a block.</param>
public sealed record KvLayout(string Fingerprint, int BlockTokens, long BlockBytes, int Layers, long LayerBytes);
