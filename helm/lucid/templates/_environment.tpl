{{/* The environment of one service; the names are those of its settings. */}}
{{- define "lucid.environment" -}}
- name: LUCID_LISTEN
  value: "0.0.0.0:{{ .service.port }}"
{{- if ne .name "gateway" }}
- name: LUCID_HEALTH_LISTEN
  value: "0.0.0.0:{{ add .service.port 100 }}"
- name: LUCID_TRUSTED_NETWORKS
  value: {{ join "," .root.Values.trustedNetworks | quote }}
{{- else }}
# Every pod may be reached by its peers; the network policy says by whom.
- name: LUCID_ALLOW_REMOTE
  value: "true"
- name: LUCID_ALLOWED_HOSTS
  value: {{ include "lucid.hosts" . | quote }}
{{- end }}
- name: LUCID_DRAIN_GRACE
  value: {{ sub .root.Values.terminationGracePeriodSeconds 10 | quote }}
{{- range $peer, $other := .root.Values.services }}
{{- if or (has $.name $other.callers) (and (eq $.name "gateway") (ne $peer "gateway")) }}
- name: LUCID_{{ upper $peer }}_ADDRESS
  value: "{{ include "lucid.fullname" (dict "root" $.root "name" $peer) }}:{{ $other.port }}"
{{- end }}
{{- end }}
{{- if .service.stableIdentity }}
- name: LUCID_EXECUTOR_ID
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- if eq .service.store "durable" }}
- name: LUCID_DATA_DIR
  value: /data
{{- end }}
{{- if ne .service.store "none" }}
- name: LUCID_DATABASE_URL
{{- if .service.databaseUrl }}
  valueFrom:
    secretKeyRef:
      name: {{ .service.databaseUrl.secretName }}
      key: {{ .service.databaseUrl.key }}
{{- else }}
  value: "sqlite:////data/{{ .name }}.sqlite"
{{- end }}
{{- end }}
{{- range .service.secretFiles }}
- name: {{ .environment }}
  value: "/secrets/{{ .environment }}/{{ .key }}"
{{- end }}
{{- with .root.Values.otlp.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
- name: LUCID_TRACE_RATIO
  value: {{ .root.Values.otlp.traceRatio | quote }}
{{- end }}

{{/* The names by which the gateway may be called. */}}
{{- define "lucid.hosts" -}}
{{- $own := include "lucid.fullname" . }}
{{- $space := .root.Release.Namespace }}
{{- concat (list $own (printf "%s.%s" $own $space) (printf "%s.%s.svc" $own $space)) .root.Values.allowedHosts | join "," }}
{{- end }}
