namespace XLLM.Runtime.Tests.Grains;

public interface IClashingFiltersGrain : IPlacedGrain;
