using System.Diagnostics.Metrics;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Events;

namespace KgOrleans.Api.Hosting;

/// <summary>Meters of the API.</summary>
internal sealed class ApiInstruments
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _lines;

    public ApiInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("KgOrleans.Api");
        _events = meter.CreateCounter<long>("kg.api.events", "{event}", "Events of calls that were answered, by outcome.");
        _lines = meter.CreateCounter<long>("kg.api.bulk.documents", "{document}", "Documents of bulk uploads, by outcome.");
    }

    public void CountEvents(EventsAnswer answer)
    {
        _events.Add(answer.Accepted, Outcome("accepted"));
        _events.Add(answer.Duplicates, Outcome("duplicate"));
        _events.Add(answer.RejectedCount, Outcome("rejected"));
    }

    public void CountDocuments(BulkAnswer answer)
    {
        _lines.Add(answer.Accepted, Outcome("accepted"));
        _lines.Add(answer.RejectedCount, Outcome("rejected"));
    }

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);
}
