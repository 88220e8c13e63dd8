namespace XLLM.Runtime.Tests.Grains;

public interface INowhereGrain : IPlacedGrain;
