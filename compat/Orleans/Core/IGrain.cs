using Orleans.Runtime;

namespace Orleans;

/// <summary>Root of grain interfaces.</summary>
public interface IGrain : IAddressable;
