namespace XLLM.Gateway.Responses;

/// <summary>Where responses are kept. Any thread.</summary>
internal interface IResponseStore
{
    /// <summary>Keeps a response, in place of an older state of it; may forget others.</summary>
    void Put(StoredResponse response);

    /// <summary>The response of that id; null = unknown, removed or forgotten.</summary>
    StoredResponse? Find(string id);

    /// <summary>False = it was not there.</summary>
    bool Remove(string id);
}
