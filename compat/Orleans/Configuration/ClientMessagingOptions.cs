namespace Orleans.Configuration;

/// <summary>Messaging of clients beside the cluster.</summary>
public class ClientMessagingOptions : MessagingOptions;
