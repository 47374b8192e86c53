using Essaim.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Essaim.Server;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDocument
{
    private const string Bearer = "admin_key", Header = "api_key";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Essaim",
                Version = "v1",
                Description = "Submit, follow and cancel tasks; see queues, workers and health. Errors are problem documents (RFC 9457) with a stable code, such as ESS5011.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The admin key." },
                [Header] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "The admin key." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.RelativePath is { } path && (path == "metrics" || path.StartsWith("v1/", StringComparison.Ordinal)))
                Secure(operation, context.Document);
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Any(name => name.EndpointName is "submit_task" or "submit_tasks" or "run_function" or "run_function_version"))
                AddHeader(operation, "Idempotency-Key", "Repeat the request safely: 1 to 255 printable characters, such as a UUID, remembered for 24 hours.");
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Any(name => name.EndpointName is "follow_task"))
                AddHeader(operation, "Last-Event-ID", "Go on after this event.");
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(RawJson))
            {
                schema.Type = null;
                schema.Properties = null;
                schema.Description = "Any JSON value.";
            }
            else if (context.JsonTypeInfo.Type == typeof(ProblemDetails))
                DescribeProblem(schema);
            else if (Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) is var inner && (inner ?? context.JsonTypeInfo.Type) == typeof(TimeSpan))
            {
                schema.Type = inner is null ? JsonSchemaType.Number : JsonSchemaType.Number | JsonSchemaType.Null;
                schema.Pattern = null;
                schema.Format = "double";
            }

            return Task.CompletedTask;
        });
    });

    private static void Secure(OpenApiOperation operation, OpenApiDocument? document)
    {
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Header, document)] = [] },
        ];
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        OpenApiSchema text = new() { Type = JsonSchemaType.String };
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
        schema.Properties["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable code, such as ESS5011." };
        schema.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Every mistake of the request: where it is and what would be right.",
            Items = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema> { ["path"] = text, ["message"] = text } },
        };
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
