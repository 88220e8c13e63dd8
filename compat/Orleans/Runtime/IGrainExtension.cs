namespace Orleans.Runtime;

/// <summary>An interface added to grains beside their own.</summary>
public interface IGrainExtension : IAddressable;
