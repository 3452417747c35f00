{{/* Labels of one service: call with (dict "root" $ "name" $name). */}}
{{- define "lucid.selector" -}}
app.kubernetes.io/name: lucid-{{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "lucid.labels" -}}
{{ include "lucid.selector" . }}
app.kubernetes.io/component: {{ .name }}
app.kubernetes.io/part-of: lucid
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "lucid.fullname" -}}
{{ printf "%s-%s" .root.Release.Name .name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* "true" where the store is SQLite on a volume of the pod's own. */}}
{{- define "lucid.hasVolume" -}}
{{- if and (eq .service.store "durable") (not .service.databaseUrl) }}true{{ end -}}
{{- end }}

{{/* "true" where pods keep their names. */}}
{{- define "lucid.isStateful" -}}
{{- if or .service.stableIdentity (eq (include "lucid.hasVolume" .) "true") }}true{{ end -}}
{{- end }}

{{/* The environment names of the secrets that are files, as JSON. */}}
{{- define "lucid.secretFiles" -}}
{{- $names := list }}
{{- range .service.secretFiles }}{{ $names = append $names .environment }}{{ end }}
{{- toJson $names }}
{{- end }}

{{/* A mistake that the values schema cannot see. */}}
{{- define "lucid.check" -}}
{{- if and (eq (include "lucid.hasVolume" .) "true") (gt (int .service.replicas) 1) }}
{{- fail (printf "services.%s: %d replicas with SQLite would be %d different stores; give it a databaseUrl" .name (int .service.replicas) (int .service.replicas)) }}
{{- end }}
{{- if and .service.databaseUrl (ne .service.store "durable") }}
{{- fail (printf "services.%s: its store is %s and takes no databaseUrl" .name .service.store) }}
{{- end }}
{{- if and (eq .name "vendor") .service.databaseUrl (not (has "LUCID_API_KEY_PEPPER_FILE" (include "lucid.secretFiles" . | fromJsonArray))) }}
{{- fail "services.vendor: with a databaseUrl its API keys outlive the pod; give the pepper as a secretFile LUCID_API_KEY_PEPPER_FILE" }}
{{- end }}
{{- range .service.callers }}
{{- if not (hasKey $.root.Values.services .) }}
{{- fail (printf "services.%s.callers: there is no service %q" $.name .) }}
{{- end }}
{{- end }}
{{- end }}
