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

    /// <summary>
    /// Asks the process that runs a response in the background to end it; no effect where there is only one process.
    /// </summary>
    void RequestCancel(string id);

    /// <summary>Responses that run in this process and that another one was asked to cancel.</summary>
    IReadOnlyList<string> ListCancelled();

    /// <summary>Removes what is no longer kept; called now and then.</summary>
    void Sweep();
}
