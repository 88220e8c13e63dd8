namespace XLLM.Runtime.Tests.Grains;

public interface ITwiceFilteredGrain : IPlacedGrain;
