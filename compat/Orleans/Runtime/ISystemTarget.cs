using Orleans.Runtime;

namespace Orleans;

/// <summary>A part of a silo that other silos can call.</summary>
public interface ISystemTarget : IAddressable;
