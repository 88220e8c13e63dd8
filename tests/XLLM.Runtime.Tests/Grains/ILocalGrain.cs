namespace XLLM.Runtime.Tests.Grains;

public interface ILocalGrain : IPlacedGrain;
