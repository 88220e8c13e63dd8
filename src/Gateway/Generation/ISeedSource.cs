namespace XLLM.Gateway.Generation;

/// <summary>Chance from outside: seeds for requests that give none. Any thread.</summary>
internal interface ISeedSource
{
    ulong Next();
}
