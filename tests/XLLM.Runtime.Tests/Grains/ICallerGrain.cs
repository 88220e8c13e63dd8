namespace XLLM.Runtime.Tests.Grains;

/// <summary>Calls another grain, from its own silo.</summary>
[Alias("tests.ICallerGrain")]
public interface ICallerGrain : IGrainWithStringKey
{
    Task HoldOtherAsync(IBusyGrain other, string name);
}
