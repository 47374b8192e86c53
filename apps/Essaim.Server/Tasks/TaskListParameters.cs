using System.ComponentModel;
using Essaim.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Essaim.Server;

/// <summary>Filters of the list of tasks. The schema of the API is made from this type; <see cref="Read"/> reads them.</summary>
internal sealed record TaskListParameters
{
    private const int MostTasks = 1000;

    [FromQuery(Name = "state"), Description("One or several states, separated by commas: FAILURE,REVOKED.")]
    public string? State { get; init; }

    [FromQuery(Name = "name"), Description("Task name; * and ? stand for any characters and one character.")]
    public string? Name { get; init; }

    [FromQuery(Name = "queue"), Description("Queue.")]
    public string? Queue { get; init; }

    [FromQuery(Name = "worker"), Description("Node that ran it last.")]
    public string? Worker { get; init; }

    [FromQuery(Name = "root"), Description("Id of the first task of a workflow: lists all its tasks.")]
    public string? Root { get; init; }

    [FromQuery(Name = "since"), Description("Submitted at or after this instant.")]
    public string? Since { get; init; }

    [FromQuery(Name = "until"), Description("Submitted before this instant.")]
    public string? Until { get; init; }

    [FromQuery(Name = "cursor"), Description("The next of the page before.")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit"), Description("Tasks a page, 1 to 1,000. Default 50.")]
    public string? Limit { get; init; }

    /// <exception cref="ProblemException"><c>ESS5012</c> with every mistake.</exception>
    public static TaskQuery Read(IQueryCollection parameters)
    {
        QueryReader reader = new(parameters);
        TaskQuery query = new()
        {
            States = reader.Text("state")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Name = reader.Text("name"),
            Queue = reader.Text("queue"),
            Worker = reader.Text("worker"),
            RootId = reader.Text("root"),
            Since = reader.Instant("since"),
            Until = reader.Instant("until"),
            After = ReadCursor(reader),
            Limit = reader.Whole("limit", 1, MostTasks, 50),
        };
        foreach (string state in query.States.Where(state => !state.All(character => char.IsAsciiLetterUpper(character) || character is '_' or '-')))
            reader.Fail("state", $"'{state}' is not a state; states are in upper case, such as SUCCESS");
        reader.Finish();
        return query;
    }

    private static TaskCursor? ReadCursor(QueryReader reader)
    {
        if (reader.Text("cursor") is not { } text)
            return null;
        if (TaskCursor.TryParse(text, out TaskCursor cursor))
            return cursor;
        reader.Fail("cursor", "is not the next of an earlier page");
        return null;
    }
}
