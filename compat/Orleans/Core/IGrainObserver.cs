using Orleans.Runtime;

namespace Orleans;

/// <summary>An object outside grains that can be called by them.</summary>
public interface IGrainObserver : IAddressable;
