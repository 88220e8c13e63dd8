namespace XLLM.Gateway.Batches;

/// <summary>Marks a request of a batch: it gives way to online ones, and it is made for the batch's owner.</summary>
/// <param name="Owner">Name of the API key the batch belongs to; empty without keys.</param>
internal sealed record LineFeature(string Owner);
